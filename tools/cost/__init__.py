"""What a crisis costs on AWS, counted in the rehearsals and priced by prices.yaml (`make bench-cost`; docs/cost.md)."""
