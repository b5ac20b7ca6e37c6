"""Text becomes what can be compared: letters, words with their places, forms, sentences, language, addresses."""
