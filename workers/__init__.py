"""What happens later and may happen twice: previews, text, deadlines, integrity sweeps."""
