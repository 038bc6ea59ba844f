import { organization } from "../../stacks/organization";

/** Whether somebody has filled in `stacks/organization.ts`. Then the other files of `stacks/` are theirs, too, and no samples. */
export const isFork = organization.company !== "Contoso";
