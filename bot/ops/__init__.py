"""What an operator needs beside the bot: logs, metrics, the small web server, the demo."""
