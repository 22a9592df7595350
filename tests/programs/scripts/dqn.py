"""Deep Q-learning on a corridor: a replay buffer, a target network, epsilon-greedy play."""

import collections
import copy
import random

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

Experience = collections.namedtuple("Experience", ["state", "action", "reward", "done", "new_state"])
LENGTH, GAMMA, BATCH_SIZE, SYNC = 6, 0.9, 16, 25


class Corridor:
    """Start at the left; the reward is at the right end. Actions: 0 left, 1 right."""

    def reset(self):
        self.place, self.steps = 0, 0
        return self.state()

    def state(self):
        state = np.zeros(LENGTH, dtype=np.float32)
        state[self.place] = 1.0
        return state

    def step(self, action):
        self.steps += 1
        self.place = max(0, self.place + (1 if action else -1))
        done = self.place == LENGTH - 1
        return self.state(), float(done), done or self.steps >= 30


class DQN(nn.Module):
    def __init__(self, inputs, actions):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(inputs, 16), nn.ReLU(), nn.Linear(16, actions))

    def forward(self, x):
        return self.net(x)


class ReplayBuffer:
    def __init__(self, capacity):
        self.buffer = collections.deque(maxlen=capacity)

    def sample(self, batch_size):
        indices = rng.choice(len(self.buffer), batch_size, replace=False)
        states, actions, rewards, dones, next_states = zip(*[self.buffer[i] for i in indices], strict=True)
        rewards = np.array(rewards, dtype=np.float32)
        return np.array(states), np.array(actions), rewards, np.array(dones, dtype=bool), np.array(next_states)


def calc_loss(batch, net, tgt_net):
    states, actions, rewards, dones, next_states = batch
    states_v, next_states_v = torch.tensor(states), torch.tensor(next_states)
    actions_v, rewards_v, done_mask = torch.tensor(actions), torch.tensor(rewards), torch.BoolTensor(dones)
    state_action_values = net(states_v).gather(1, actions_v.unsqueeze(-1)).squeeze(-1)
    with torch.no_grad():
        next_state_values = tgt_net(next_states_v).max(1)[0]
        next_state_values[done_mask] = 0.0
        next_state_values = next_state_values.detach()
    return nn.MSELoss()(state_action_values, next_state_values * GAMMA + rewards_v)


rng, python_rng = np.random.default_rng(0), random.Random(0)
net = DQN(LENGTH, 2)
for parameter in net.parameters():
    parameter.data = torch.tensor(rng.normal(0, 0.3, tuple(parameter.shape)), dtype=torch.float32)
tgt_net = copy.deepcopy(net)
optimizer = optim.Adam(net.parameters(), lr=0.01)
env, buffer = Corridor(), ReplayBuffer(300)
state, losses, finished = env.reset(), [], 0
for frame in range(400):
    if python_rng.random() < 0.5:
        action = python_rng.randrange(2)
    else:
        q_values_v = net(torch.tensor(np.asarray([state])))
        _, action_v = torch.max(q_values_v, dim=1)
        action = int(action_v.item())
    new_state, reward, done = env.step(action)
    buffer.buffer.append(Experience(state, action, reward, done, new_state))
    finished += reward > 0
    state = env.reset() if done else new_state
    if len(buffer.buffer) < 50:
        continue
    if frame % SYNC == 0:
        tgt_net.load_state_dict(net.state_dict())
    optimizer.zero_grad()
    loss_t = calc_loss(buffer.sample(BATCH_SIZE), net, tgt_net)
    loss_t.backward()
    optimizer.step()
    losses.append(loss_t.item())

# Blend the networks once, parameter by parameter.
for target, source in zip(tgt_net.parameters(), net.parameters(), strict=True):
    target.data.copy_(0.9 * target.data + 0.1 * source.data)
state_dict = net.state_dict()
tgt_state = tgt_net.state_dict()
with torch.no_grad():
    values = net(torch.eye(LENGTH))

result = {
    "first_losses": losses[:10],
    "finite": bool(np.isfinite(losses).all()),
    "reached": finished > 3,
    "goes_right_at_the_end": (values[LENGTH - 2, 1] > values[LENGTH - 2, 0]).item(),
    "same_keys": state_dict.keys() == tgt_state.keys(),
    "same_weights": torch.equal(state_dict["net.0.weight"], tgt_state["net.0.weight"]),
}
