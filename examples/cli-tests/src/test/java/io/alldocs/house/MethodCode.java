package io.alldocs.house;

import io.alldocs.house.CallGraph.Call;
import io.alldocs.house.CallGraph.Method;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;
import org.objectweb.asm.tree.TryCatchBlockNode;

/**
 * The calls and lambdas in the code of one method. Also contains the calls that the method makes while it holds a
 * monitor.
 */
final class MethodCode {
    /** Methods of the JDK that hold a monitor while they call a function that the caller passes. */
    private static final Set<String> FUNCTIONS_UNDER_MONITOR =
            Set.of("compute", "computeIfAbsent", "computeIfPresent", "merge");

    private static final Set<String> RUN_ELSEWHERE =
            Set.of("execute", "submit", "schedule", "runAsync", "supplyAsync", "whenComplete", "thenAccept");

    private static final String ITERATOR = "java/util/Iterator";

    private static final Set<String> COLLECTIONS = Set.of(
            "java/util/Collection",
            "java/util/Deque",
            "java/util/List",
            "java/util/Map",
            "java/util/NavigableSet",
            "java/util/Queue",
            "java/util/Set",
            "java/util/SortedSet");

    private static final Set<String> MAPS_WITH_MONITORS =
            Set.of("java/util/concurrent/ConcurrentHashMap", "java/util/concurrent/ConcurrentMap");

    /** A lambda or method reference. */
    record Lambda(String interfaceMethod, Method target) {}

    private final List<Call> calls = new ArrayList<>();
    private final List<Lambda> lambdas = new ArrayList<>();

    MethodCode(ClassNode type, MethodNode method) {
        InsnList code = method.instructions;
        boolean iteratesOverCollections = iteratesOverCollections(code);
        int[] monitors = monitors(method, (method.access & Opcodes.ACC_SYNCHRONIZED) != 0 ? 1 : 0);
        for (int i = 0; i < code.size(); i++) {
            AbstractInsnNode instruction = code.get(i);
            boolean isUnderMonitor = monitors[i] > 0;
            if (instruction instanceof MethodInsnNode call) {
                boolean isVirtual = isVirtual(call) && !(iteratesOverCollections && call.owner.equals(ITERATOR));
                calls.add(new Call(call.owner, call.name, call.desc, isVirtual, isUnderMonitor));
                if (MAPS_WITH_MONITORS.contains(call.owner) && FUNCTIONS_UNDER_MONITOR.contains(call.name)) {
                    addFunction(code, i);
                }
            } else if (instruction instanceof InvokeDynamicInsnNode lambda) {
                addLambda(lambda);
                Handle target = target(lambda);
                if (target != null && !runsElsewhere(code, i)) {
                    calls.add(new Call(target.getOwner(), target.getName(), target.getDesc(), true, isUnderMonitor));
                }
            }
        }
    }

    List<Call> calls() {
        return calls;
    }

    List<Lambda> lambdas() {
        return lambdas;
    }

    private void addLambda(InvokeDynamicInsnNode lambda) {
        Handle target = target(lambda);
        if (target != null) {
            String type = Type.getReturnType(lambda.desc).getInternalName();
            lambdas.add(new Lambda(
                    type + "." + lambda.name, new Method(target.getOwner(), target.getName(), target.getDesc())));
        }
    }

    private static boolean isVirtual(MethodInsnNode call) {
        return call.getOpcode() == Opcodes.INVOKEVIRTUAL || call.getOpcode() == Opcodes.INVOKEINTERFACE;
    }

    /** Returns whether all iterators in the code are those of collections of the JDK, which do not block. */
    private static boolean iteratesOverCollections(InsnList code) {
        boolean found = false;
        for (AbstractInsnNode instruction : code) {
            if (instruction instanceof MethodInsnNode call && call.desc.endsWith(")L" + ITERATOR + ";")) {
                if (!COLLECTIONS.contains(call.owner)) {
                    return false;
                }
                found = true;
            }
        }
        return found;
    }

    /**
     * Returns whether the function that is created at {@code index} is stored, or passed to a thread or an executor.
     */
    private static boolean runsElsewhere(InsnList code, int index) {
        for (int i = index + 1; i < code.size(); i++) {
            if (code.get(i) instanceof MethodInsnNode call) {
                return call.owner.equals("java/lang/Thread") || RUN_ELSEWHERE.contains(call.name);
            }
            if (code.get(i).getOpcode() == Opcodes.PUTFIELD || code.get(i).getOpcode() == Opcodes.PUTSTATIC) {
                return true;
            }
        }
        return false;
    }

    /**
     * Adds the body of the lambda that is passed to the call at {@code index}. This is the last lambda before the call.
     */
    private void addFunction(InsnList code, int index) {
        for (int i = index - 1; i >= 0; i--) {
            if (code.get(i) instanceof InvokeDynamicInsnNode lambda) {
                Handle target = target(lambda);
                if (target != null) {
                    calls.add(new Call(target.getOwner(), target.getName(), target.getDesc(), true, true));
                    return;
                }
            }
        }
    }

    private static @Nullable Handle target(InvokeDynamicInsnNode lambda) {
        return Arrays.stream(lambda.bsmArgs)
                .filter(Handle.class::isInstance)
                .map(Handle.class::cast)
                .findFirst()
                .orElse(null);
    }

    /** Returns how many monitors the method holds before each instruction, at most; -1 where code is unreachable. */
    private static int[] monitors(MethodNode method, int atStart) {
        InsnList code = method.instructions;
        int[] held = new int[code.size()];
        Arrays.fill(held, -1);
        Deque<Integer> open = new ArrayDeque<>();
        if (code.size() > 0) {
            held[0] = atStart;
            open.add(0);
        }
        while (!open.isEmpty()) {
            int index = open.remove();
            AbstractInsnNode instruction = code.get(index);
            int after = held[index];
            if (instruction.getOpcode() == Opcodes.MONITORENTER) {
                after++;
            } else if (instruction.getOpcode() == Opcodes.MONITOREXIT) {
                after = Math.max(atStart, after - 1);
            }
            for (int next : next(code, index)) {
                reach(held, next, after, open);
            }
            if (instruction.getOpcode() != Opcodes.MONITOREXIT) { // if a release fails, the monitor is released too
                for (int handler : handlers(method, index)) {
                    reach(held, handler, held[index], open);
                }
            }
        }
        return held;
    }

    /**
     * Returns the handlers that an exception at {@code index} may reach. The last of them is the first handler that
     * catches everything.
     */
    private static List<Integer> handlers(MethodNode method, int index) {
        InsnList code = method.instructions;
        List<Integer> handlers = new ArrayList<>();
        for (TryCatchBlockNode handler : method.tryCatchBlocks) {
            if (code.indexOf(handler.start) <= index && index < code.indexOf(handler.end)) {
                handlers.add(code.indexOf(handler.handler));
                if (handler.type == null) {
                    break;
                }
            }
        }
        return handlers;
    }

    private static void reach(int[] held, int index, int monitors, Deque<Integer> open) {
        if (monitors > held[index]) {
            held[index] = monitors;
            open.add(index);
        }
    }

    private static List<Integer> next(InsnList code, int index) {
        AbstractInsnNode instruction = code.get(index);
        int opcode = instruction.getOpcode();
        List<Integer> next = new ArrayList<>();
        if (instruction instanceof JumpInsnNode jump) {
            next.add(code.indexOf(jump.label));
        } else if (instruction instanceof TableSwitchInsnNode table) {
            addLabels(next, code, table.labels, table.dflt);
        } else if (instruction instanceof LookupSwitchInsnNode lookup) {
            addLabels(next, code, lookup.labels, lookup.dflt);
        }
        boolean ends = opcode == Opcodes.GOTO
                || opcode == Opcodes.TABLESWITCH
                || opcode == Opcodes.LOOKUPSWITCH
                || opcode == Opcodes.ATHROW
                || (opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN);
        if (!ends && index + 1 < code.size()) {
            next.add(index + 1);
        }
        return next;
    }

    private static void addLabels(List<Integer> next, InsnList code, List<LabelNode> labels, LabelNode other) {
        labels.forEach(label -> next.add(code.indexOf(label)));
        next.add(code.indexOf(other));
    }
}
