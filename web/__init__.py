"""What every web app of this product shares: access, refusals as answers, headers, fragments, forms, languages."""
