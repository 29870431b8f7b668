"""Times: text to an expression (english, chinese), an expression and a reference to a value (resolve)."""
