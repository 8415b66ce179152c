package io.alldocs.house;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The methods of libraries that block. They wait for a peer, a disk, a lock or another thread. Each row is a pattern of
 * {@code owner.name}. The owner is the static type at the call.
 */
final class BlockingCalls {
    private static final List<Pattern> BLOCKING = patterns(
            "java/net/http/HttpClient\\.send",
            "java/net/(Socket|ServerSocket|InetAddress|Inet4Address|NetworkInterface)\\."
                    + "(accept|connect|getByName|getAllByName|getLocalHost|getCanonicalHostName|getHostName|isReachable)",
            "java/io/(InputStream|FilterInputStream|BufferedInputStream|FileInputStream|PushbackInputStream|Reader"
                    + "|InputStreamReader|BufferedReader)\\.(read|readAllBytes|readNBytes|readLine|skip|transferTo)",
            "java/util/zip/(GZIPInputStream|InflaterInputStream)\\.(read|readAllBytes|<init>)",
            "java/io/(OutputStream|FilterOutputStream|BufferedOutputStream|FileOutputStream|Writer|OutputStreamWriter"
                    + "|BufferedWriter)\\.(write|flush|append)",
            "java/io/(RandomAccessFile|FileInputStream|FileOutputStream|FileReader|FileWriter)\\..*",
            "java/io/File\\.(createNewFile|delete|exists|length|list|listFiles|mkdirs?|renameTo)",
            "java/nio/file/Files\\..*",
            "java/nio/file/Path\\.toRealPath",
            "java/nio/channels/(FileChannel|FileLock|SocketChannel|SeekableByteChannel|ReadableByteChannel"
                    + "|WritableByteChannel)\\.(open|read|write|force|transferTo|transferFrom|truncate|map|lock|tryLock"
                    + "|size|release|connect|close)",
            "java/sql/(DriverManager|Connection|Statement|PreparedStatement|ResultSet|Blob|Driver)\\..*",
            "javax/sql/.*",
            "java/lang/(Thread)\\.(sleep|join)",
            "java/lang/Object\\.wait",
            "java/lang/Process\\.waitFor",
            "java/util/concurrent/TimeUnit\\.(sleep|timedJoin|timedWait)",
            "java/util/concurrent/(CountDownLatch|CyclicBarrier)\\.await",
            "java/util/concurrent/Phaser\\.(arriveAndAwaitAdvance|awaitAdvance.*)",
            "java/util/concurrent/Semaphore\\.(acquire|acquireUninterruptibly)",
            "java/util/concurrent/Exchanger\\.exchange",
            "java/util/concurrent/(Future|FutureTask|CompletableFuture|ScheduledFuture|CompletionService)\\."
                    + "(get|join|take)",
            "java/util/concurrent/(ExecutorService|ThreadPoolExecutor|ForkJoinPool)\\.(awaitTermination|invokeA.*|close)",
            "java/util/concurrent/(BlockingQueue|BlockingDeque|LinkedBlockingQueue|ArrayBlockingQueue"
                    + "|LinkedBlockingDeque|PriorityBlockingQueue|DelayQueue|SynchronousQueue)\\.(put|take)",
            "java/util/concurrent/locks/LockSupport\\.park.*",
            "java/util/concurrent/locks/(Lock|ReentrantLock|ReentrantReadWriteLock\\$(Read|Write)Lock)\\."
                    + "(lock|lockInterruptibly)",
            "java/util/concurrent/locks/StampedLock\\.(readLock|writeLock).*",
            "java/util/concurrent/locks/Condition\\.await.*",
            "io/alldocs/http/HttpTransport\\.send",
            "io/alldocs/cache/spi/StorageDriver\\.(get|head|put|putHead|putIfAbsent|has|delete|list|getBatch|headBatch"
                    + "|putBatch|deleteBatch|verify|stats|close).*",
            "io/alldocs/worker/spi/WorkQueue\\.(?!options|onPause)\\w+",
            "okhttp3/Call\\.execute",
            "io/lettuce/core/(api/sync|RedisFuture|LettuceFutures).*",
            "io/lettuce/core/(RedisClient|AbstractRedisClient)\\.(connect.*|shutdown)",
            "software/amazon/awssdk/services/s3/S3Client\\..*",
            "com/google/cloud/storage/Storage\\..*");

    private BlockingCalls() {}

    private static List<Pattern> patterns(String... rows) {
        return List.of(rows).stream().map(Pattern::compile).toList();
    }

    static boolean contain(String owner, String name) {
        String call = owner + "." + name;
        return BLOCKING.stream().anyMatch(pattern -> pattern.matcher(call).matches());
    }
}
