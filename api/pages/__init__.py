"""The pages for people: complete without JavaScript, in Chinese and English."""
