"""Rules matched a second time by durable_rules: conditions as rulesets, values as flat facts, and the proof of both."""
