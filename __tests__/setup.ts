import { Testing } from "cdktf";

// Without it, cdktf's matchers have types but no code.
Testing.setupJest();
