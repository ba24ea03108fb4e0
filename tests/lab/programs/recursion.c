/* A function that calls itself until the stack is full: SIGSEGV, with far more frames than anyone reads. */
static int descend(int depth)
{
    volatile char room[256];
    room[0] = (char)depth;
    return descend(depth + 1) + room[0];
}

int main(void)
{
    return descend(0);
}
