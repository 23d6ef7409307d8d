"""The pages: Gradio components and handlers, which read and change everything through `Services`."""
