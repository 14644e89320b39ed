"""The values of an imported chart: shown, changed, and the chart rendered anew."""
