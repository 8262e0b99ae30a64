#include "net/workers.h"

#include <pthread.h>
#include <stdlib.h>

#include "net/loop.h"

struct net_workers {
    struct http_handler handler;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    struct net_exchange *first;
    struct net_exchange *last;
    bool closing;
    unsigned count;
    pthread_t threads[];
};

static struct net_exchange *take(struct net_workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    while (workers->first == NULL && !workers->closing)
        pthread_cond_wait(&workers->changed, &workers->lock);
    struct net_exchange *exchange = workers->first;
    if (exchange != NULL) {
        workers->first = exchange->next;
        if (workers->first == NULL)
            workers->last = NULL;
    }
    pthread_mutex_unlock(&workers->lock);
    return exchange;
}

static void *run(void *argument)
{
    struct net_workers *workers = argument;
    for (struct net_exchange *exchange; (exchange = take(workers)) != NULL;) {
        exchange->http.go_on = NULL;
        if (exchange->work != NULL)
            exchange->work(&exchange->http);
        else
            workers->handler.handle(workers->handler.context, &exchange->http);
    }
    return NULL;
}

struct net_workers *net_workers_open(unsigned count, const struct http_handler *handler)
{
    struct net_workers *workers = calloc(1, sizeof(*workers) + count * sizeof(pthread_t));
    if (workers == NULL)
        return NULL;
    workers->handler = *handler;
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->changed, NULL);
    for (unsigned i = 0; i < count; i++) {
        if (pthread_create(&workers->threads[i], NULL, run, workers) != 0) {
            net_workers_close(workers);
            return NULL;
        }
        workers->count++;
    }
    return workers;
}

void net_workers_submit(struct net_workers *workers, struct net_exchange *exchange)
{
    exchange->next = NULL;
    pthread_mutex_lock(&workers->lock);
    if (workers->last == NULL)
        workers->first = exchange;
    else
        workers->last->next = exchange;
    workers->last = exchange;
    pthread_cond_signal(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
}

void net_workers_close(struct net_workers *workers)
{
    if (workers == NULL)
        return;
    pthread_mutex_lock(&workers->lock);
    workers->closing = true;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
    for (unsigned i = 0; i < workers->count; i++)
        pthread_join(workers->threads[i], NULL);
    pthread_cond_destroy(&workers->changed);
    pthread_mutex_destroy(&workers->lock);
    free(workers);
}
