/**
 * Values for the Terraform variables that the stacks ask for, unless the reader sets others: a password for users that do not exist. The
 * same one every time, or every plan would change it.
 */
export const variables: Readonly<Record<string, string>> = { test_user_password: "Aa1-of-a-user-who-does-not-exist" };
