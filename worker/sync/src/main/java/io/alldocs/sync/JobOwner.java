package io.alldocs.sync;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.Cache;
import io.alldocs.cache.spi.StorageException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * The claim of one executor on a job. Claims are numbered: an executor takes claim n+1 by a conditional put once claim
 * n has ended. A claim ends when its holder releases it or does not renew its heartbeat for {@link #EXPIRY}. It also
 * ends when its holder is a process of this machine that has ended. After a later claim, the writes of the earlier
 * holder are refused.
 *
 * <p>A claim renews its heartbeat on its own thread until it is closed. Safe for concurrent use.
 */
public final class JobOwner implements AutoCloseable, Fence {
    /** A heartbeat that is older than this has expired. */
    public static final Duration EXPIRY = Duration.ofSeconds(60);

    private static final Duration INTERVAL = Duration.ofSeconds(20);
    private static final Logger LOG = System.getLogger(JobOwner.class.getName());

    private final Claims claims;
    private final JobHolder holder;
    private final long epoch;
    private final Thread heartbeat;
    private volatile Instant renewedAt;
    private volatile boolean lost;
    private volatile boolean closing;
    private volatile Runnable onClose = () -> {};

    private JobOwner(Claims claims, JobHolder holder, long epoch) {
        this.claims = claims;
        this.holder = holder;
        this.epoch = epoch;
        this.renewedAt = claims.renew(epoch);
        this.heartbeat = new Thread(this::beat, "heartbeat of " + claims.job());
        heartbeat.setDaemon(true);
        heartbeat.start();
    }

    /**
     * Claims a job; does not wait.
     *
     * @param who a description of the claimer, for the messages to other executors that are refused
     * @throws JobInUseException if another executor holds the job
     */
    static JobOwner claim(Cache checkpoints, String job, String who) {
        Claims claims = new Claims(checkpoints, job);
        JobHolder holder = JobHolder.ofThisProcess(who, claims.now());
        return taken(holder, () -> new JobOwner(claims, holder, claims.take(holder)));
    }

    /**
     * Takes a claim. A store may fail after the claim is stored, or while it confirms the write. Such a claim must not
     * block the next claim of this process.
     */
    private static <T> T taken(JobHolder holder, Supplier<T> take) {
        try {
            return take.get();
        } catch (StorageException | OperationInterruptedException e) {
            holder.endedUnrecorded();
            throw e;
        }
    }

    /**
     * Claims a job for an executor of many processes, which {@link #renew(Cache, String, long) renew} the heartbeat;
     * does not wait.
     *
     * @return the claim's number
     */
    static long claimShared(Cache checkpoints, String job, String who) {
        Claims claims = new Claims(checkpoints, job);
        JobHolder holder = JobHolder.ofManyProcesses(who, claims.now());
        long epoch = taken(holder, () -> {
            long taken = claims.take(holder);
            claims.renew(taken);
            return taken;
        });
        attempt(claims, epoch, "older claims could not be deleted", claims::deleteOld);
        return epoch;
    }

    /**
     * Renews the heartbeat of a shared claim.
     *
     * @throws JobInUseException if there is a later claim
     */
    static void renew(Cache checkpoints, String job, long epoch) {
        Claims claims = new Claims(checkpoints, job);
        claims.requireLast(epoch);
        claims.renew(epoch);
    }

    /** Releases a shared claim, so that the next executor need not wait. */
    static void release(Cache checkpoints, String job, long epoch) {
        new Claims(checkpoints, job).release(epoch);
    }

    /** Returns a fence for a process that works on another process's claim. */
    static Fence fence(Cache checkpoints, String job, long epoch) {
        Claims claims = new Claims(checkpoints, job);
        return new Fence() {
            @Override
            public long epoch() {
                return epoch;
            }

            @Override
            public void require() {
                claims.requireLast(epoch);
            }
        };
    }

    /** Returns the claim's number. */
    @Override
    public long epoch() {
        return epoch;
    }

    /**
     * Checks that the claim is still the last one. While the heartbeat is fresh, no other executor can have taken the
     * job over, so nothing is read; after that the store is read.
     *
     * @throws JobInUseException when another executor has claimed the job
     */
    @Override
    public void require() {
        if (lost) {
            throw claims.inUse(claims.last());
        }
        if (Duration.between(renewedAt, claims.now()).abs().compareTo(EXPIRY) >= 0) {
            claims.requireLast(epoch);
        }
    }

    void onClose(Runnable action) {
        onClose = action;
    }

    private void beat() {
        attempt(claims, epoch, "older claims could not be deleted", claims::deleteOld);
        while (!lost && !closing) {
            try {
                Thread.sleep(INTERVAL.toMillis());
                attempt(claims, epoch, "the heartbeat could not be stored", this::renew);
            } catch (InterruptedException e) {
                // closing
            }
        }
        // The record must be written even if the closing thread was interrupted, or interrupts this thread again.
        Thread.interrupted();
        boolean isReleased = attempt(claims, epoch, "the claim could not be released", () -> {
            if (!lost) {
                claims.release(epoch);
            }
        });
        if (!isReleased) {
            holder.endedUnrecorded();
        }
    }

    private void renew() {
        lost = claims.isOvertaken(epoch) || claims.isTakenBySomebodyElse(epoch, holder);
        if (!lost) {
            renewedAt = claims.renew(epoch);
        }
    }

    /** @return whether the step succeeded */
    private static boolean attempt(Claims claims, long epoch, String problem, Runnable step) {
        try {
            step.run();
            return true;
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, "Claim {0} of {1}: {2}. {3}", epoch, claims.job(), problem, e.getMessage());
            return false;
        }
    }

    /**
     * Releases the claim, so that the next executor need not wait. If the store is unavailable, the heartbeat expires
     * instead.
     */
    @Override
    public void close() {
        onClose.run();
        closing = true;
        heartbeat.interrupt();
        boolean interrupted = Thread.interrupted();
        while (heartbeat.isAlive()) {
            try {
                heartbeat.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
