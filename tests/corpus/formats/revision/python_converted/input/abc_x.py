"""x

Revision ID: abc
"""
from alembic import op
revision: str = "abc"
down_revision = None
