export async function safe() {}
