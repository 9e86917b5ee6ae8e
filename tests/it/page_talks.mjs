export async function talks() {}
