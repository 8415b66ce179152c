package io.alldocs.examples.programs.bootstrap;

import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionRow;
import java.util.List;

/** The names of a file, as one part. */
final class FileNames implements NameSource {
    private final NamesFile file;

    FileNames(NamesFile file) {
        this.file = file;
    }

    @Override
    public List<Partition> partitions() {
        return List.of(Partition.all());
    }

    @Override
    public long size(int index) {
        return file.count();
    }

    @Override
    public Rows rows() {
        NamesFile.NameIterator names = file.names();
        return new Rows() {
            @Override
            public boolean hasNext() {
                return names.hasNext();
            }

            @Override
            public PartitionRow next() {
                return new PartitionRow(names.next(), null);
            }

            @Override
            public void close() {
                names.close();
            }
        };
    }
}
