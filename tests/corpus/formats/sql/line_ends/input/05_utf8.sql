-- Migration: Größe für Wörter
-- Author: Zoë
SELECT '日本語';
