/** Of a field that two manage, either may set another value only by taking it over. */
export const STAYS_A_MANAGER =
  "Whoever has set it stays a manager of it, so the next change of this field in the workflow asks again.";

/**
 * The three things that can become of a field that somebody else manages, in the same words wherever it is asked: of
 * what has drifted, of the conflicts of a plan, and beside the field of a form.
 */
export const FIELD_CHOICES = {
  take: {
    /** Of a field that has drifted: a run is started now. */
    label: "Revert",
    effect: "A run sets the value that was applied, and the field is ours again.",
    /** In a plan: the run of the plan does it. */
    planned: "Take over",
    plannedEffect: "The run sets the workflow's value, and the field is ours from then on.",
  },
  yield: {
    label: "Leave to others",
    effect:
      "The value stays. Runs leave the field to whoever has it, until you take it back or the object is made anew.",
    planned: "Leave to others",
    plannedEffect:
      "The value stays. Runs leave the field to whoever has it, until you take it back or the object is made anew.",
  },
  share: {
    label: "Adopt",
    effect: `The value of the cluster goes into the workflow. Nothing is applied now. ${STAYS_A_MANAGER}`,
    planned: "Adopt",
    plannedEffect: `The value of the cluster goes into the workflow, and the run changes nothing of it. ${STAYS_A_MANAGER}`,
  },
} as const;

/** What a field is called that was left to others, in lists and in forms. */
export const LEFT_TO_OTHERS = "left to others";
/** Ends that: the next run sets the workflow's value. */
export const TAKE_BACK = "Take back";
