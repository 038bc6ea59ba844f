import { generateKeyPair, type KeyObject, randomBytes, sign } from "node:crypto";
import { promisify } from "node:util";

const generate = promisify(generateKeyPair);

/** A certificate that signs itself, and its private key. */
export interface SelfSigned {
  readonly certificate: Buffer;
  readonly privateKey: KeyObject;
}

/**
 * A real RSA-2048 key and X.509 v3 certificate. `node:crypto` reads certificates but does not issue them, so the few
 * DER values of RFC 5280, section 4.1 are written here.
 */
export async function selfSigned(commonName: string, notBefore: Date, notAfter: Date): Promise<SelfSigned> {
  const { publicKey, privateKey } = await generate("rsa", { modulusLength: 2048 });
  const name = sequence(set(sequence(oid(COMMON_NAME), utf8(commonName))));
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serialNumber()),
    sequence(oid(SHA256_WITH_RSA), NULL),
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", body, privateKey);
  const certificate = sequence(body, sequence(oid(SHA256_WITH_RSA), NULL), bitString(signature));
  return { certificate, privateKey };
}

/** 2.5.4.3 and 1.2.840.113549.1.1.11, encoded. */
const COMMON_NAME = Buffer.from([0x55, 0x04, 0x03]);
const SHA256_WITH_RSA = Buffer.from([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]);
const NULL = Buffer.from([0x05, 0x00]);

function der(tag: number, ...content: Buffer[]): Buffer {
  const value = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag, ...length(value.length)]), value]);
}

function length(size: number): number[] {
  if (size < 0x80) return [size];
  if (size < 0x100) return [0x81, size];
  return [0x82, size >> 8, size & 0xff];
}

const sequence = (...content: Buffer[]) => der(0x30, ...content);
const set = (...content: Buffer[]) => der(0x31, ...content);
const integer = (value: Buffer) => der(0x02, value);
const oid = (value: Buffer) => der(0x06, value);
const utf8 = (value: string) => der(0x0c, Buffer.from(value, "utf8"));
const bitString = (value: Buffer) => der(0x03, Buffer.from([0]), value);

/** UTCTime through 2049, GeneralizedTime after: RFC 5280, section 4.1.2.5. */
function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]|\.\d{3}/g, "");
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

/** Positive, without a leading zero byte. */
function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}
