"""don't worry

Revision ID: d1
Revises: d0
Create Date: 2025-01-01

"""
-- upgrade
SELECT 1;
