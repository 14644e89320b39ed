"""What differs between git servers: a module each, behind `protocol.Host`."""
