"""The house as browsers see it: its manners (`security`, `proxies`, `errors`), its look, and its own pages (`site`)."""
