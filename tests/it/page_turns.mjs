export async function turns() {}
