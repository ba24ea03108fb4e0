import { describeTracker } from "./describe-tracker.ts";
import { makeLocalLab } from "./local-lab.ts";

describeTracker("local", makeLocalLab);
