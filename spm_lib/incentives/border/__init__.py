"""Where pay's tables come from: a Company, and files of decisions beside the plan."""
