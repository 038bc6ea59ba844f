// Reads SAML metadata documents from standard input, a JSON list of texts, and prints what the XML schema has against each, as
// a list of lists of texts.
// A process of its own, because libxml2-wasm is an ES module that awaits at its top level: Jest cannot load one, and the
// tests get an answer at once instead of a promise.
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { XmlBufferInputProvider, XmlDocument, XmlLibError, XsdValidator, xmlRegisterInputProvider } from "libxml2-wasm";

const folder = new URL(".", import.meta.url);
const schemas = Object.fromEntries(
  readdirSync(folder)
    .filter((file) => file.endsWith(".xsd"))
    .map((file) => [file, readFileSync(new URL(file, folder))]),
);

// The schemas import each other by web address; what the address ends in is the name of the file here.
const files = new XmlBufferInputProvider(schemas);
xmlRegisterInputProvider({
  match: (address) => files.match(basename(address)),
  open: (address) => files.open(basename(address)),
  read: (file, buffer) => files.read(file, buffer),
  close: (file) => files.close(file),
});

const root = "saml-schema-metadata-2.0.xsd";
const validator = XsdValidator.fromDoc(XmlDocument.fromBuffer(schemas[root], { url: root }));

function problemsOf(xml) {
  try {
    validator.validate(XmlDocument.fromString(xml));
    return [];
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error;
    return error.details.map(({ message, line }) => `line ${line}: ${message.trim()}`);
  }
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(problemsOf)));
