package io.alldocs.worker.redis;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * A command that runs a script. After a reconnect, Lettuce resends commands without a complete response. A connection
 * can be lost in the middle of a response, because Redis sends nested responses in parts. This command therefore
 * discards partial output each time it is sent; Lettuce's own commands would prepend it to the new response.
 */
final class ScriptCommand extends Command<byte[], byte[], List<Object>> {
    private ScriptCommand(CommandType type, CommandArgs<byte[], byte[]> args) {
        super(type, newOutput(), args);
    }

    /** Runs a script by its digest. A server that has not loaded the script returns an error. */
    static RedisFuture<List<Object>> sendDigest(
            StatefulConnection<byte[], byte[]> connection, Script script, byte[][] keys, byte[][] args) {
        return send(connection, CommandType.EVALSHA, script.digest(), keys, args);
    }

    /** Runs a script by its source, which the server then caches. */
    static RedisFuture<List<Object>> sendSource(
            StatefulConnection<byte[], byte[]> connection, Script script, byte[][] keys, byte[][] args) {
        return send(connection, CommandType.EVAL, script.source(), keys, args);
    }

    private static RedisFuture<List<Object>> send(
            StatefulConnection<byte[], byte[]> connection,
            CommandType type,
            String script,
            byte[][] keys,
            byte[][] args) {
        CommandArgs<byte[], byte[]> all = new CommandArgs<>(ByteArrayCodec.INSTANCE)
                .add(script)
                .add(keys.length)
                .addKeys(keys)
                .addValues(args);
        AsyncCommand<byte[], byte[], List<Object>> command = new AsyncCommand<>(new ScriptCommand(type, all));
        connection.dispatch(command);
        return command;
    }

    /** Makes the server close the connection, so that Lettuce resolves the address again. */
    static void hangUp(StatefulConnection<byte[], byte[]> connection) {
        connection.dispatch(
                new AsyncCommand<>(new Command<>(CommandType.QUIT, new StatusOutput<>(ByteArrayCodec.INSTANCE))));
    }

    private static NestedMultiOutput<byte[], byte[]> newOutput() {
        return new NestedMultiOutput<>(ByteArrayCodec.INSTANCE);
    }

    @Override
    public void encode(ByteBuf buf) {
        output = newOutput();
        super.encode(buf);
    }
}
