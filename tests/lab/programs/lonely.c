/*
 * A program without libraries, so that all there is to know about it is in one file, and a trace of it never waits
 * for symbols of others. Its only function crashes: a trace of one frame, from which no signature can be made. With
 * LOST it jumps to where nothing is first, and most of the trace is frames without names.
 */
void _start(void)
{
#ifdef LOST
    ((void (*)(void))8)();
#else
    *(volatile int *)0 = 1;
#endif
}
