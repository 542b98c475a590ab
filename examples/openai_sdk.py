from openai import OpenAI

client = OpenAI(base_url="http://127.0.0.1:3000/v1", api_key="any")
response = client.images.generate(
    model="wan2.7-image",
    prompt="一间花店",
    user="alice",
    extra_body={"seed": 7, "metadata": {"order": "4711"}},
)
print(response.data[0].url)
