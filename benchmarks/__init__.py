"""Speed and memory as ratios against a floor, measured in one run: ``python -m benchmarks``."""
