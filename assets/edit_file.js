// A finished file is saved at once, as if the person had followed a link to it.
watch("value", () => {
  if (!props.value) return;
  const link = document.createElement("a");
  link.href = props.value.url;
  link.download = props.value.name;
  link.click();
});
