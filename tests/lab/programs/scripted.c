/*
 * A program that tries to make gdb run Python when it is loaded (.debug_gdb_scripts, see the gdb manual,
 * "dotdebug_gdb_scripts section"), and then crashes. The script says `script-was-run`.
 */
__asm__(".pushsection \".debug_gdb_scripts\", \"MS\",@progbits,1\n"
        ".byte 4\n"
        ".ascii \"gdb.inlined-script\\n\"\n"
        ".ascii \"print('script-' + 'was-run')\\n\"\n"
        ".byte 0\n"
        ".popsection\n");

static int follow(const int *pointer)
{
    return *pointer;
}

int main(void)
{
    return follow(0);
}
