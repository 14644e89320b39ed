"""Where sources come from, and later what is built of them."""
