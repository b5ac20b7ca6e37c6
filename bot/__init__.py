"""News feeds become Telegram alerts about immigration, municipalities or labour.

poll:     due feeds → fetch → parse → keep unseen → match topics → (matched only) read the article, summarise
          → group into stories → decide alerts → address deliveries → ONE COMMIT per feed
deliver:  due deliveries → group by chat → render now → send → ONE COMMIT per outcome
"""
