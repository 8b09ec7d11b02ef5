/*
 * add plan
 *
 * Revision ID: p1
 * Revises: p0
 * Create Date: 2025-01-01
 * -- upgrade is not yet here
 */
-- upgrade
SELECT 1;
-- downgrade
SELECT 2;
