"""One module a rule. Each has `check(tree)`, yielding one sentence per violation, and says in its docstring what it holds."""
