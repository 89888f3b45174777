"""Plans for large markets: order lines compete for lines' time by compiled local search, guided by prices."""
