"""These tests import models and use a real mongod."""

from tests.support.django_setup import configure

configure()
