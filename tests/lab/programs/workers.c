/*
 * A printing service with three worker threads. One gets a job without a document and follows the null
 * pointer (SIGSEGV), while another waits for work that never comes and the third sleeps.
 *
 * Deterministic: the crashing thread goes on only when it gets the lock of the queue, which the waiting one
 * gives away by waiting and not before.
 */
#include <pthread.h>
#include <unistd.h>

struct document {
    char title[32];
    int pages;
};

struct job {
    int number;
    const char *owner;
    struct document *document;
};

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_filled = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t in_place;

static int count_pages(const struct document *document)
{
    int cover = 1;
    return document->pages + cover;
}

static int print_job(struct job *job, int copies)
{
    int pages = count_pages(job->document);
    return pages * copies;
}

static int handle_job(struct job *job)
{
    int copies = job->number * 2;
    return print_job(job, copies);
}

static void *crashing_worker(void *argument)
{
    struct job job = {.number = 21, .owner = "ada", .document = argument};
    pthread_barrier_wait(&in_place);
    pthread_mutex_lock(&queue_lock);
    pthread_mutex_unlock(&queue_lock);
    handle_job(&job);
    return NULL;
}

static void wait_for_work(int worker)
{
    pthread_mutex_lock(&queue_lock);
    pthread_barrier_wait(&in_place);
    while (worker > 0)
        pthread_cond_wait(&queue_filled, &queue_lock);
    pthread_mutex_unlock(&queue_lock);
}

static void *waiting_worker(void *argument)
{
    wait_for_work(*(int *)argument);
    return NULL;
}

static void *sleeping_worker(void *argument)
{
    (void)argument;
    pthread_barrier_wait(&in_place);
    for (;;)
        pause();
    return NULL;
}

int main(void)
{
    pthread_t threads[3];
    pthread_attr_t small_stack;
    int worker = 2;
    /* The core holds each thread's whole stack: 256 KiB instead of 8 MiB keep it small. */
    pthread_attr_init(&small_stack);
    pthread_attr_setstacksize(&small_stack, 256 * 1024);
    pthread_barrier_init(&in_place, NULL, 3);
    pthread_create(&threads[0], &small_stack, waiting_worker, &worker);
    pthread_create(&threads[1], &small_stack, sleeping_worker, NULL);
    pthread_create(&threads[2], &small_stack, crashing_worker, NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
