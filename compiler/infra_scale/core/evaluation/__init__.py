"""Rules over one request: severities, waivers, custom rules, and the plan that results."""
