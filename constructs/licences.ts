/** A licence beyond Entra ID P1 that an option needs; said once for all stacks by a warning at synth. */
export interface Licence {
  readonly licence:
    | "Microsoft Entra ID P2"
    | "Microsoft Entra ID P2 or ID Governance"
    | "Microsoft Defender for Cloud Apps"
    | "Microsoft Intune";
  /** The option, as its user wrote it: `conditionalAccess.signInRisk`. */
  readonly option: string;
}
