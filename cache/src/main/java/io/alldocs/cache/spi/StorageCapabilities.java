package io.alldocs.cache.spi;

/**
 * What a store can do.
 *
 * @param orderedListing list is in KeyOrder.UTF8
 * @param maxKeyBytes longest key in bytes of UTF-8
 * @param maxValueBytes largest head and body together
 * @param readAfterWrite a read sees every write that returned before it, from any process
 * @param conditionalPut putIfAbsent works, atomically across processes
 * @param writable false for read-only stores: put and delete throw UnsupportedStorageOperationException
 * @param maxBatch keys that one batch call sends in one request, 1 for none
 */
public record StorageCapabilities(
        boolean orderedListing,
        int maxKeyBytes,
        long maxValueBytes,
        boolean readAfterWrite,
        boolean conditionalPut,
        boolean writable,
        int maxBatch) {}
