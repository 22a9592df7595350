"""The programs are run by the tests beside them; their own imports name torch and Ignite, so they are not collected."""

collect_ignore = ["scripts"]
