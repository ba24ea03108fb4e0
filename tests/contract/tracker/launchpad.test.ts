import { describeTracker } from "./describe-tracker.ts";
import { makeLaunchpadLab } from "./launchpad-lab.ts";

describeTracker("launchpad", makeLaunchpadLab);
